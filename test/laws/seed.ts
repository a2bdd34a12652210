/** The seed of every law, so that a failure comes again; `LAWS_SEED` tries others. */
export const lawSeed: number = Number(process.env['LAWS_SEED'] ?? 20261121);
