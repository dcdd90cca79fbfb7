import type { People } from "../../api/people";

/** How the signed-in member stands to another: the own relations only. */
export interface Standing {
  isFavorite: boolean;
  isWatched: boolean;
  isBlocked: boolean;
  snoozedUntil: string | null;
}

/** Return the standing to a member by the lists of the People page. */
export function standingOf(people: People, userId: string): Standing {
  const isThis = (person: { userId: string }) => person.userId === userId;
  const favorite = people.favorites.find(isThis);
  return {
    isFavorite: favorite !== undefined,
    isWatched: favorite?.isWatched ?? false,
    isBlocked: people.blocked.some(isThis),
    snoozedUntil: people.snoozed.find(isThis)?.until ?? null,
  };
}
