// The shapes of reports, staff and suspensions, until the OpenAPI document describes their routes.

/** Why a member reports another. */
export type ReportReason = "no_show" | "behaviour" | "other";

/** A report about the partner of a session. */
export interface ReportBody {
  sessionId: string;
  reason: ReportReason;
  text?: string;
}

/** The member who reported. */
export interface StaffMember {
  userId: string;
  name: string;
}

/** The member that a report is about. */
export interface ReportedMember extends StaffMember {
  suspended: boolean;
}

/** A report as staff see it. */
export interface StaffReport {
  reportId: string;
  reportedAt: string;
  reason: ReportReason;
  text: string | null;
  sessionId: string;
  startTime: string;
  duration: number;
  reporter: StaffMember | null;
  reported: ReportedMember;
}

/** Why and when a member was suspended. */
export interface Suspension {
  at: string;
  reason: string;
  byUserId: string;
}

/** A member as staff find them. */
export interface FoundMember extends StaffMember {
  photoUrl: string | null;
  memberSince: string;
  suspension: Suspension | null;
}

/** What a member of staff did. */
export type StaffAct = "suspended" | "lifted" | "reports_read" | "members_searched";

/** A line of the log of staff. */
export interface StaffLine {
  lineId: string;
  at: string;
  act: StaffAct;
  byUserId: string;
  userId: string | null;
  reason: string | null;
}

interface Answered<Status extends number, Body> {
  responses: Record<Status, { headers: Record<string, unknown>; content: { "application/json": Body } }>;
}

interface Empty {
  responses: Record<204, { headers: Record<string, unknown>; content?: never }>;
}

interface Paged {
  parameters: { query?: { cursor?: string; limit?: number } };
}

interface OfMember {
  parameters: { path: { userId: string } };
}

/** The routes of reports and staff. */
export interface OrderPaths {
  "/v1/reports": {
    post: Answered<202, { report: { reportId: string } }> & {
      requestBody: { content: { "application/json": ReportBody } };
    };
  };
  "/v1/staff/reports": { get: Paged & Answered<200, { reports: StaffReport[]; nextCursor: string | null }> };
  "/v1/staff/members": {
    get: Answered<200, { members: FoundMember[]; nextCursor: string | null }> & {
      parameters: { query: { query: string; cursor?: string; limit?: number } };
    };
  };
  "/v1/staff/members/{userId}/suspension": {
    put: OfMember & Empty & { requestBody: { content: { "application/json": { reason: string } } } };
    delete: OfMember & Empty;
  };
  "/v1/staff/log": { get: Paged & Answered<200, { lines: StaffLine[]; nextCursor: string | null }> };
}
