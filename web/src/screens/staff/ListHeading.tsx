import { texts } from "../../i18n/language";

/** The id of the heading of the shown list, which gets the focus after an entry has changed. */
export const LIST_HEADING = "staff-list";

interface ListHeadingProps {
  title: string;
  onReadAgain?: () => void;
}

/** The heading of a list of staff, with the way to read it again from the beginning. */
export function ListHeading({ title, onReadAgain }: ListHeadingProps) {
  return (
    <div class="list-heading">
      <h2 id={LIST_HEADING} tabIndex={-1}>
        {title}
      </h2>
      {onReadAgain && (
        <button type="button" onClick={onReadAgain}>
          {texts.value.staff.readAgain}
        </button>
      )}
    </div>
  );
}
