// @medplum/core's types name these, and leave it to its users to install them.
declare module 'pdfmake/interfaces' {
  export interface CustomTableLayout {
    readonly hLineWidth?: unknown;
  }
  export interface TDocumentDefinitions {
    readonly content: unknown;
  }
  export interface TFontDictionary {
    readonly [name: string]: unknown;
  }
}
