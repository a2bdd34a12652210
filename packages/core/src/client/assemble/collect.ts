import { MessagingError } from '../../errors.ts';
import type { AnyEvent } from '../../event/event-contract.ts';
import type { Issue } from '../../fhir/issue.ts';
import { tell } from '../../exchange/progress.ts';
import { textIn } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { Answer, Ask, Requesting } from './level-reading.ts';
import { mayBePerson, personOf } from './one-person.ts';
import { readLevel } from './read-level.ts';
import { incomplete, readReferrers, searchesFor } from './referrers.ts';
import { Collection } from './taken.ts';
import type { Taken } from './taken.ts';
import { urlOf } from './target.ts';
import type { Lead, Target } from './target.ts';
import { isIdentifierKey, whomAbout } from './whom-about.ts';

/** How far assembling is, in resources. */
export interface AssembleProgress {
  /** Resources to read that are known so far. */
  readonly found: number;
  /** Resources that were read, or cannot be; less again while the present version is read of one whose old version could not be. */
  readonly read: number;
  /** Resources still to be read: `found` without `read`. */
  readonly left: number;
}

/** The options of collecting. */
export interface Collecting extends Requesting {
  readonly lead: Lead;
  readonly known: ReadonlyMap<string, JsonObject>;
  readonly maxDepth: number;
  readonly maxResources: number;
  readonly onProgress: ((progress: AssembleProgress) => void) | undefined;
}

/** The collected resources, and issues where a search could not give all. */
export interface Collected {
  readonly collection: Collection;
  readonly issues: readonly Issue[];
}

/** Everything that the contract takes and the focus leads to, level by level, each resource once. */
export async function collect(event: AnyEvent, focus: Target, collecting: Collecting): Promise<Collected> {
  const { lead, known, maxDepth, maxResources, onProgress } = collecting;
  const collection = new Collection(event);
  const issues: Issue[] = [];
  let left = 0;
  const tellProgress = (): void => tell([onProgress], { found: collection.size, read: collection.size - left, left });

  function requireWithin(depth: number): void {
    if (depth > maxDepth || collection.size > maxResources) {
      throw new MessagingError('input.limit', `The focus leads to more than ${maxResources} resources, or further than ${maxDepth} references.`);
    }
  }

  /** The answers of the servers, and those that are known already. */
  async function answersTo(asks: readonly Ask[]): Promise<ReadonlyMap<Ask, Answer>> {
    const answers = new Map<Ask, Answer>();
    const answer = (ask: Ask, given: Answer): void => {
      answers.set(ask, given);
      if (ask.target) left -= 1;
      tellProgress();
    };
    const missing = asks.filter((ask) => {
      const { key = '', version } = ask.target ?? {};
      const held = known.get(key);
      const isHeld = held !== undefined && (version === undefined || version === textIn(held['meta'], 'versionId'));
      if (isHeld) answer(ask, { resource: held });
      return !isHeld;
    });
    await readLevel(missing, collecting, answer);
    return answers;
  }

  function takeAnswer({ target }: Ask, answer: Answer | undefined): void {
    if (target === undefined || answer === undefined) {
      return;
    }
    if ('resource' in answer) {
      collection.take(target, answer.resource);
    } else {
      collection.fail(target, answer.failure);
    }
  }

  /** Takes the resources that a search found, as far as the contract has room. */
  function takeReferrers(ask: Ask, answer: Answer | undefined): void {
    const found = answer ? readReferrers(ask, answer, focus, lead) : undefined;
    issues.push(...(found?.issues ?? []));
    let turnedAway: Target | undefined;
    for (const resource of found?.resources ?? []) {
      const target = lead(`${String(resource['resourceType'])}/${String(resource['id'])}`, focus.server);
      if (target && collection.find(target)) {
        collection.take(target, resource);
      } else if (target && !collection.taken.has(target.key)) {
        turnedAway = target;
      }
    }
    if (turnedAway) issues.push(incomplete(turnedAway.type, 'are more than the contract takes'));
  }

  /** What a resource leads to and was not found before; of Patients only that of the focus. */
  function nextOf(each: Taken, person: string | undefined): readonly Target[] {
    const { record, target: { server } } = each;
    const isAbout = (at: string): boolean => {
      const { every, some } = whomAbout(each, lead);
      return [...every, ...(every.some(({ keys }) => !isIdentifierKey(keys[0])) ? [] : some.flat())].some(({ path }) => path === at);
    };
    return record.references.flatMap(({ path, literal }) => {
      const target = literal === undefined ? undefined : lead(literal, server);
      const mayFollow = target && (target.type !== 'Patient' || target.key === person || (mayBePerson(target.key, person) && isAbout(path)));
      return mayFollow && collection.find(target) ? [target] : [];
    });
  }

  collection.find(focus);
  let level: readonly Target[] = [focus];
  let searches = searchesFor(event, focus);
  for (let depth = 0; level.length > 0; depth += 1) {
    requireWithin(depth);
    left = level.length;
    tellProgress();
    const asks = level.map((target): Ask => ({ server: target.server, url: urlOf(target), target }));
    const answers = await answersTo([...asks, ...searches]);
    for (const ask of asks) takeAnswer(ask, answers.get(ask));
    for (const search of searches) takeReferrers(search, answers.get(search));
    // They are made once, beside the focus.
    searches = [];
    const taken = [...collection.taken.values()];
    const person = personOf(taken, lead);
    // From everything taken, not from this level alone: a resource that could not be read leaves its slot to one that had no room before.
    level = collection.taken.has(focus.key) ? taken.flatMap((each) => nextOf(each, person)) : [];
  }
  requireWithin(0);
  tellProgress();
  return { collection, issues };
}
