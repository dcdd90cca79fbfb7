/** Return the fields of a draft that differ from the stored values. */
export function changesOf<Values extends object>(stored: Values, draft: Partial<Values>): Partial<Values> {
  const fields = Object.entries(draft) as [keyof Values, unknown][];
  const changed = fields.filter(([name, value]) => JSON.stringify(stored[name]) !== JSON.stringify(value));
  return Object.fromEntries(changed) as Partial<Values>;
}

/** Return a draft without what was sent. A field that was edited again in the meantime stays. */
export function draftAfter<Values extends object>(draft: Partial<Values>, sent: Partial<Values>): Partial<Values> {
  const fields = Object.entries(draft) as [keyof Values, unknown][];
  return Object.fromEntries(fields.filter(([name, value]) => sent[name] !== value)) as Partial<Values>;
}
