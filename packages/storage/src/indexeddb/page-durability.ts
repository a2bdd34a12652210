import type { OutboxDurability } from '@fhir-messaging/core';

/** What of the page says how long its storage lives. */
export interface PageFacts {
  readonly location?: { readonly origin: string; readonly ancestorOrigins?: ArrayLike<string> } | undefined;
  readonly parent?: unknown;
  readonly credentialless?: boolean | undefined;
}

/**
 * How long what a page stores lives: as long as the window in a frame without credentials; found again only inside the same site's frame where
 * any of the pages around it is of another origin, since browsers part storage by those.
 */
export function pageDurability(page: PageFacts): OutboxDurability {
  if (page.credentialless === true) {
    return 'ephemeral';
  }
  const { origin, ancestorOrigins } = page.location ?? {};
  const isTop = page.parent === undefined || page.parent === page;
  // Firefox does not tell who is around a frame, so that every one may be another's.
  const isAmongOwn = ancestorOrigins && Array.from(ancestorOrigins).every((other) => other === origin);
  return isTop || isAmongOwn === true ? 'durable' : 'partitioned';
}
