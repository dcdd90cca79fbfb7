import { texts } from "../../i18n/language";
import { RepeatOption } from "./RepeatOption";
import { TitleField, WorkStyleFields } from "./WorkStyleFields";

interface BookingDetailsProps {
  /** True where the member has booked the slot already, so that a partner alone is chosen. */
  isOwn: boolean;
  at: number;
  partner: { name: string } | null;
  isRepeating: boolean;
  onRepeat: (isRepeating: boolean) => void;
}

/** The title of a session, the way of work in it, and its repetition. A repeat has the way of work of the profile. */
export function BookingDetails({ isOwn, at, partner, isRepeating, onRepeat }: BookingDetailsProps) {
  if (isOwn) return <p>{texts.value.calendar.panel.alreadyBooked}</p>;
  return (
    <>
      <TitleField />
      {!isRepeating && <WorkStyleFields />}
      <RepeatOption {...{ at, partner, isRepeating }} onChange={onRepeat} />
    </>
  );
}
