import "./face.css";

/** The picture of a person, or the first letter of the name. The name itself stands beside it. */
export function Face({ name, photoUrl }: { name: string; photoUrl: string | null }) {
  const initial = new Intl.Segmenter().segment(name)[Symbol.iterator]().next().value?.segment ?? "";
  return (
    <span class="face" aria-hidden="true">
      {initial}
      {photoUrl && <img src={photoUrl} alt="" referrerpolicy="no-referrer" loading="lazy" />}
    </span>
  );
}
