/** The report of a session's partner to staff. */
export const reports = {
  report: "Report ...",
  reportOf: (name: string) => `Report ${name} ...`,
  reportAbsent: "Report your earlier partner ...",
  title: (name: string) => `Report ${name}`,
  titleAbsent: "Report your earlier partner",
  consequences: {
    secret: "Only the staff of this service read it, with both names and the time of the session.",
    unseen: "The other member does not learn of it, and nothing changes in their sessions or yours.",
    again: "If you report this session again, the new report replaces the first one.",
    block: "To meet no more, block this member on their profile, too.",
  },
  reason: "What happened?",
  reasons: {
    no_show: "They did not come, or left at once",
    behaviour: "They behaved badly towards me",
    other: "Something else",
  },
  chooseReason: "Please choose what happened.",
  text: "More about it (optional)",
  textHint: "At most 2,000 characters.",
  send: "Send the report",
  sent: "Thank you. The staff have your report.",
  noPartner: "There is no member in this session any more that you could report.",
  changed: "This partner is not in your session any more, so the report was not sent.",
};
