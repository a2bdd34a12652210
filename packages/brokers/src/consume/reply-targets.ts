/** Where replies may go: exact names, or beginnings that end in `*`; or a function that says whether one may. */
export type ReplyTargets = readonly string[] | ((target: string, sender: string | undefined) => boolean);

/** Whether a reply may go to a target. The message's sender chose it, so that without a list no target is allowed. */
export function allowsTarget(targets: ReplyTargets | undefined, target: string, sender: string | undefined): boolean {
  if (typeof targets === 'function') {
    return targets(target, sender);
  }
  return targets?.some((allowed) => (allowed.endsWith('*') && allowed.length > 1 ? target.startsWith(allowed.slice(0, -1)) : target === allowed)) ?? false;
}
