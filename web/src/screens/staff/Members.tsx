import { useId, useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { useStaffMembers } from "../../api/staff";
import { texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { partnerName } from "../../parts/former_member";
import { instantWords } from "../people/instant_words";
import { ListHeading } from "./ListHeading";
import { MemberId, MemberIdLink } from "./MemberLink";
import { Pages } from "./Pages";
import { SuspensionControls } from "./SuspensionControls";

// The longest name, which is longer than an id.
const LONGEST = 80;

/** The search for members by name or id. The member of an address is searched at once. */
export function Members({ userId }: { userId: string }) {
  const [{ query, reading }, setSearch] = useState({ query: userId, reading: 1 });
  const members = useStaffMembers(query, reading);
  const { staff } = texts.value;
  return (
    <>
      <ListHeading title={staff.members} />
      <SearchForm first={userId} onSearch={(text) => setSearch({ query: text, reading: reading + 1 })} />
      {query && (
        <Pages query={members} none={staff.noMembers}>
          {(member) => <MemberEntry key={member.userId} member={member} />}
        </Pages>
      )}
    </>
  );
}

interface SearchFormProps {
  first: string;
  onSearch: (query: string) => void;
}

function SearchForm({ first, onSearch }: SearchFormProps) {
  const id = useId();
  const [text, setText] = useState(first);
  const { staff } = texts.value;
  function search(event: SubmitEvent): void {
    event.preventDefault();
    if (text.trim()) onSearch(text.trim());
  }
  return (
    <search>
      <form onSubmit={search}>
        <label for={id}>{staff.query}</label>
        <div class="search">
          <input
            id={id}
            type="text"
            maxLength={LONGEST}
            required
            dir="auto"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="submit" class="primary">
            {staff.search}
          </button>
        </div>
      </form>
    </search>
  );
}

function MemberEntry({ member }: { member: Schemas["FoundMember"] }) {
  const { availability, staff } = texts.value;
  const { suspension } = member;
  const name = partnerName(member) ?? "";
  return (
    <li>
      <h3>
        <Face name={name} photoUrl={member.photoUrl} /> <bdi>{name}</bdi>
      </h3>
      <dl class="facts">
        <dt>{staff.id}</dt>
        <dd>
          <MemberId id={member.userId} />
        </dd>
        <dt>{availability.memberSince}</dt>
        <dd>{instantWords(new Date(member.memberSince))}</dd>
        {suspension && (
          <>
            <dt>{staff.suspendedAt}</dt>
            <dd>{instantWords(new Date(suspension.at))}</dd>
            <dt>{staff.by}</dt>
            <dd>
              <MemberIdLink userId={suspension.byUserId} />
            </dd>
            <dt>{staff.reason}</dt>
            <dd>
              <bdi>{suspension.reason}</bdi>
            </dd>
          </>
        )}
      </dl>
      <SuspensionControls member={{ userId: member.userId, name }} isSuspended={suspension !== null} />
    </li>
  );
}
