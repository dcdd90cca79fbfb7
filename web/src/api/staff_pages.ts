import type { Schemas } from "./client";

/** A page of one of the lists of staff. */
export type StaffPage = Schemas["ReportList"] | Schemas["MemberList"] | Schemas["StaffLog"];

/** Return a page in which a member has a suspension, or none. Reports say only whether there is one. */
export function withSuspension<Page extends StaffPage>(
  page: Page,
  userId: string,
  suspension: Schemas["MemberSuspension"] | null,
): StaffPage {
  if ("members" in page) {
    const members = page.members.map((each) => (each.userId === userId ? { ...each, suspension } : each));
    return { ...page, members };
  }
  if ("lines" in page) return page;
  const suspended = suspension !== null;
  const reports = page.reports.map((report) =>
    report.reported.userId === userId ? { ...report, reported: { ...report.reported, suspended } } : report,
  );
  return { ...page, reports };
}
