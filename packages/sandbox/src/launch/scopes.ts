/** An interaction with resources of a type. */
export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search';

/** SMART 1's word for an interaction. */
export function accessOf(interaction: Interaction): 'read' | 'write' {
  return interaction === 'read' || interaction === 'search' ? 'read' : 'write';
}

const resourceScope = /^(?:patient|user)\/(?:[A-Z][A-Za-z]*|\*)\.(?:read|write|\*|(?=[cruds])c?r?u?d?s?)$/;
const otherScopes: ReadonlySet<string> = new Set(['openid', 'fhirUser', 'profile', 'launch', 'launch/patient', 'launch/encounter', 'offline_access', 'online_access']);

/** The scopes that are granted of the requested ones: all but those that no user can give, such as `system/`. */
export function grantScopes(requested: string): string {
  return scopesIn(requested)
    .filter((scope) => otherScopes.has(scope) || resourceScope.test(scope))
    .join(' ');
}

/** The scopes of a text, each once. */
export function scopesIn(text: string): readonly string[] {
  return [...new Set(text.split(/\s+/).filter((scope) => scope !== ''))];
}

/**
 * The kind of scope that allows an interaction: for all patients (`user`), or for the one of the launch (`patient`).
 *
 * SMART 2 has a letter for each interaction, its first; SMART 1's `read` is `rs`, its `write` is `cud`.
 *
 * @see {@link https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html} SMART scopes
 */
export function allowedBy(granted: string, type: string, interaction: Interaction): 'user' | 'patient' | undefined {
  const covering = scopesIn(granted).flatMap((scope) => {
    const [, whose, resource, rights = ''] = /^(patient|user)\/([A-Za-z]+|\*)\.([a-z]+|\*)$/.exec(scope) ?? [];
    const covers = (resource === '*' || resource === type) && (rights === '*' || rights === accessOf(interaction) || (/^c?r?u?d?s?$/.test(rights) && rights.includes(interaction.charAt(0))));
    return covers ? [whose] : [];
  });
  return covering.includes('user') ? 'user' : covering.includes('patient') ? 'patient' : undefined;
}
