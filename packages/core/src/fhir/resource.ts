/** The least that every FHIR resource has; resources of `@types/fhir` and of `@medplum/fhirtypes` fit. */
export interface Resource {
  readonly resourceType: string;
  readonly id?: string | undefined;
  readonly meta?: { readonly versionId?: string | undefined } | undefined;
}

/** A Reference as either type package has it: a literal, an identifier, or both. */
export interface Reference {
  readonly reference?: string | undefined;
  readonly identifier?: Identifier | undefined;
}

/** An Identifier as either type package has it. */
export interface Identifier {
  readonly system?: string | undefined;
  readonly value?: string | undefined;
}

/** A Coding as either type package has it. */
export interface Coding {
  readonly system?: string | undefined;
  readonly version?: string | undefined;
  readonly code?: string | undefined;
  readonly display?: string | undefined;
}
