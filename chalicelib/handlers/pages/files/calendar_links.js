// The addresses at which Google and Outlook offer an event to add. They have the times, the host's name and `details`,
// which may be empty. The addresses of the room and of this page are left out: each is a secret that opens something,
// and other services store what they get.
const calendarLinks = ({ start, end, title, details }) => {
  const withQuery = (address, query) => `${address}?${new URLSearchParams(query)}`;
  const stamp = (instant) => instant.toISOString().replace(/[-:]|\.\d+/g, "");
  const google = { action: "TEMPLATE", text: title, dates: `${stamp(start)}/${stamp(end)}`, ...(details && { details }) };
  const outlook = {
    path: "/calendar/action/compose",
    rru: "addevent",
    subject: title,
    startdt: start.toISOString(),
    enddt: end.toISOString(),
    ...(details && { body: details }),
  };
  return [
    ["Google Calendar", withQuery("https://calendar.google.com/calendar/render", google)],
    ["Outlook", withQuery("https://outlook.live.com/calendar/0/deeplink/compose", outlook)],
  ];
};
