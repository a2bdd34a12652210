import type { Html } from './layout.ts';

/** A page as an HTTP response: browsers keep nothing of it, and it loads nothing from elsewhere. */
export async function pageResponse(page: Html, status = 200): Promise<Response> {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-src http: https:" };
  return new Response(String(await page), { status, headers });
}
