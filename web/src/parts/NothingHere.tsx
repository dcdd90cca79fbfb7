import { texts } from "../i18n/language";

/** The screen of an address at which there is nothing, with a way back. */
export function NothingHere() {
  const { layout } = texts.value;
  return (
    <>
      <h1>{layout.notFound}</h1>
      <p>
        <a href="/">{layout.toCalendar}</a>
      </p>
    </>
  );
}
