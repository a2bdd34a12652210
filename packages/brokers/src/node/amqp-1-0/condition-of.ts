/** The condition of an error of AMQP 1.0, a name of the protocol such as `amqp:not-found`, as part of a sentence; its description is not passed on. */
export function conditionOf(error: unknown): string {
  const condition = typeof error === 'object' && error !== null && 'condition' in error ? error.condition : undefined;
  return typeof condition === 'string' ? ` (${condition})` : '';
}
