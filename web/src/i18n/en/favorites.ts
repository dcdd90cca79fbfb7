export const favorites = {
  lead: "The times of the next two weeks at which you can lock in with your favorites. Choose a partner, then press Book.",
  filter: "Show",
  everyFavorite: "All favorites",
  noFavorites: "You have no favorites yet.",
  howToAdd:
    "Work with a partner you like, and add the partner to your favorites on the People page or on the partner's profile.",
  toPeople: "Go to People",
  nothingShared: "None of your favorites has times to book right now.",
  nothingSharedBy: (name: string) => `${name} has no times to book right now.`,
  howToWatch: "Times appear as favorites book sessions. Watch a favorite on the People page, and you get a message.",
};
