import "./face.css";
import { initialOf } from "./initial";

/** The picture of a person, or the first letter of the name. The name itself stands beside it. */
export function Face({ name, photoUrl }: { name: string; photoUrl: string | null }) {
  return (
    <span class="face" aria-hidden="true">
      {initialOf(name)}
      {photoUrl && <img src={photoUrl} alt="" referrerpolicy="no-referrer" loading="lazy" />}
    </span>
  );
}
