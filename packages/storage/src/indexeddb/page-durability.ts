import type { OutboxDurability } from '@fhir-messaging/core';

/** The facts of a page that tell how long its storage lives. */
export interface PageFacts {
  readonly location?: { readonly origin: string; readonly ancestorOrigins?: ArrayLike<string> } | undefined;
  readonly parent?: unknown;
  readonly credentialless?: boolean | undefined;
}

/**
 * How long a page's storage lives. In a credentialless frame it ends with the window (`ephemeral`). Where any page around the frame is of another
 * origin, it is found again only inside the same site's frame (`partitioned`), since browsers part storage by those.
 */
export function pageDurability(page: PageFacts): OutboxDurability {
  if (page.credentialless === true) {
    return 'ephemeral';
  }
  const { origin, ancestorOrigins } = page.location ?? {};
  const isTop = page.parent === undefined || page.parent === page;
  // Firefox has no `ancestorOrigins`: any page around the frame may be of another origin.
  const isAmongOwn = ancestorOrigins && Array.from(ancestorOrigins).every((other) => other === origin);
  return isTop || isAmongOwn === true ? 'durable' : 'partitioned';
}
