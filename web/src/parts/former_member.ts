import { texts } from "../i18n/language";

// The API gives this name to a deleted account, which stays the partner of its sessions (R33).
const FORMER_MEMBER = "Former member";

/** Return true for a deleted account, which can be no favorite and has no times. */
export function isFormerMember(name: string | undefined): boolean {
  return name === FORMER_MEMBER;
}

/** Return the name of a partner for the page. A deleted account has its words in the language of the page. */
export function partnerName(partner: { name?: string } | null | undefined): string | undefined {
  return isFormerMember(partner?.name) ? texts.value.people.formerMember : partner?.name;
}
