import { useState } from "preact/hooks";
import { isolated, texts } from "../../i18n/language";
import type { FavoriteAtStart } from "./cells";

/** A partner as a member chose one, with the start for which that was. */
export interface PartnerChoice {
  userId: string;
  name: string;
  at: number;
}

/** Return the chosen partner among the favorites at the start, or null if that one cannot be chosen there. */
export function offered(favorites: readonly FavoriteAtStart[], choice: PartnerChoice | null): FavoriteAtStart | null {
  return favorites.find(({ userId, locked }) => userId === choice?.userId && !locked) ?? null;
}

/** Return the words for the loss of a chosen partner: to other members, or by another start. */
export function lostText({ name, at }: PartnerChoice, start: number): string {
  const { calendar } = texts.value;
  return at === start ? calendar.wasFaster(isolated(name)) : calendar.panel.notThen(isolated(name));
}

/** Return the choice of a partner for a start. It stays for another start where the partner is offered as well. */
export function usePartnerChoice(favorites: readonly FavoriteAtStart[], isComplete: boolean, at: number) {
  const [choice, setChoice] = useState<PartnerChoice | null>(null);
  const partner = offered(favorites, choice);
  return {
    partner,
    isLost: choice !== null && !partner,
    /** The words for a loss, or an empty text while not all favorites are known. */
    lost: choice && !partner && isComplete ? lostText(choice, at) : "",
    choose: (chosen: FavoriteAtStart | null) => setChoice(chosen && { userId: chosen.userId, name: chosen.name, at }),
  };
}
