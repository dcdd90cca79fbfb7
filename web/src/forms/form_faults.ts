import { type FieldFault, Refusal } from "../api/refusal";

/** The faults of a refused form: those at one of its fields, and the others. */
export interface FormFaults {
  placed: ReadonlyMap<string, string>;
  others: readonly FieldFault[];
}

/** Return the faults of an error by the fields of a form. The first fault of a field counts. */
export function faultsOf(error: unknown, fields: readonly string[]): FormFaults {
  const faults = error instanceof Refusal ? error.faults : [];
  const placed = new Map<string, string>();
  const others: FieldFault[] = [];
  for (const fault of faults) {
    // An entry of a list, such as `kinds[2]` or `kinds.2`, belongs to the field of the list.
    const field = fields.find((name) => name === fault.field || isInside(fault.field, name));
    if (!field) others.push(fault);
    else if (!placed.has(field)) placed.set(field, fault.detail);
  }
  return { placed, others };
}

function isInside(path: string, field: string): boolean {
  return path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

/** Return a refusal of the form itself, for a value that cannot be sent. */
export function faultyField(field: string): Refusal {
  return new Refusal("invalid_request", 422, "", [{ field, detail: "" }]);
}
