/** Return the time zones of this browser by name, with others that are in use. */
export function timeZones(used: readonly string[]): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", ...used])].sort();
}

/** Return the time zone of this device. */
export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Return a time zone as a text for a person, such as "America/New York". */
export function zoneText(zone: string): string {
  return zone.replaceAll("_", " ");
}

/** Return true for two names of one time zone, such as Asia/Calcutta and Asia/Kolkata. */
export function isSameZone(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    // A zone that this browser does not know is equal to itself alone.
    return zone;
  }
}
