import { partnerName } from "../../parts/former_member";

/** A member's name, which leads to the member among those of staff, with the id. */
export function MemberLink({ member }: { member: { userId: string; name: string } }) {
  return (
    <>
      <a href={memberPath(member.userId)}>
        <bdi>{partnerName(member)}</bdi>
      </a>{" "}
      <MemberId id={member.userId} />
    </>
  );
}

/** The id of a member or a session, which is written from the left in every language. */
export function MemberId({ id }: { id: string }) {
  return (
    <code dir="ltr" class="quiet">
      {id}
    </code>
  );
}

/** An id of a member that leads to the member among those of staff. */
export function MemberIdLink({ userId }: { userId: string }) {
  return (
    <a href={memberPath(userId)} dir="ltr">
      <code>{userId}</code>
    </a>
  );
}

function memberPath(userId: string): string {
  return `/staff/members?member=${encodeURIComponent(userId)}`;
}
