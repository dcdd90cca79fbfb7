import { useRoute } from "preact-iso";
import type { Schemas } from "../../api/client";
import { useMe } from "../../api/me";
import { useUser } from "../../api/people";
import { texts } from "../../i18n/language";
import { Face } from "../../parts/Face";
import { isFormerMember, partnerName } from "../../parts/former_member";
import { Loaded } from "../../parts/Loaded";
import { AddFavorite } from "../people/AddFavorite";
import { PersonMenu } from "../people/PersonMenu";
import { Facts } from "./Facts";
import "./availability.css";

/** The profile of a member. */
export default function Profile() {
  const { userId = "" } = useRoute().params;
  const user = useUser(userId);
  return (
    <Loaded query={user} title={texts.value.layout.people}>
      {(member) => (isFormerMember(member.name) ? <h1>{partnerName(member)}</h1> : <Head member={member} />)}
    </Loaded>
  );
}

function Head({ member }: { member: Schemas["OtherProfile"] }) {
  const me = useMe();
  const { availability, words } = texts.value;
  const name = partnerName(member) ?? "";
  const isOneself = me.data?.userId === member.userId;
  return (
    <article class="profile">
      <h1>
        <Face name={name} photoUrl={member.photoUrl} /> <bdi>{name}</bdi>
      </h1>
      <Facts member={member} />
      {isOneself && <p class="notice">{availability.yourself}</p>}
      {me.data && !isOneself && !isFormerMember(member.name) && (
        <p class="choices">
          <a class="button" href={`/people/${member.userId}/availability`}>
            {words.seeAvailability}
          </a>
          {!member.isFavorite && <AddFavorite person={member} />}
          <PersonMenu person={member} />
        </p>
      )}
    </article>
  );
}
