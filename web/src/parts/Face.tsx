import { useState } from "preact/hooks";
import "./face.css";
import { initialOf } from "./initial";

/** The picture of a person, or the first letter of the name if there is none or it does not load. The name itself stands beside it. */
export function Face({ name, photoUrl }: { name: string; photoUrl: string | null }) {
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span class="face" aria-hidden="true">
      {initialOf(name)}
      {photoUrl && photoUrl !== failed && (
        <img src={photoUrl} alt="" referrerpolicy="no-referrer" loading="lazy" onError={() => setFailed(photoUrl)} />
      )}
    </span>
  );
}
