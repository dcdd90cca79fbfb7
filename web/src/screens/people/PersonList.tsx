import type { ComponentChildren, ComponentType } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Face } from "../../parts/Face";
import { PersonMenu } from "./PersonMenu";
import type { Partner } from "./worked_with";

interface PersonListProps<P extends Partner> {
  title: string;
  /** The text of an empty list. */
  none: string;
  persons: readonly P[];
  /** The controls of a person, between the name and the context menu. */
  beside: ComponentType<{ person: P }>;
  children?: ComponentChildren;
}

/** A titled list of persons with a link to the profile and a context menu each. */
export function PersonList<P extends Partner>(props: PersonListProps<P>) {
  const { title, none, persons, beside: Beside, children } = props;
  const id = useId();
  const heading = useFocusOfRemoved(persons.length);
  return (
    <section aria-labelledby={id} class="people">
      <h2 id={id} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
      {persons.length === 0 && <p class="quiet">{none}</p>}
      <ul>
        {persons.map((person) => (
          <li key={person.userId}>
            <Face name={person.name} photoUrl={person.photoUrl} />
            <a class="name" href={`/people/${person.userId}`}>
              <bdi>{person.name}</bdi>
            </a>
            <div class="beside">
              <Beside person={person} />
              <PersonMenu person={person} withLinks />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Return a ref of the heading, which gets the focus that a removed person of the list had. */
function useFocusOfRemoved(count: number) {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(count);
  useLayoutEffect(() => {
    if (count < before.current && document.activeElement === document.body) heading.current?.focus();
    before.current = count;
  }, [count]);
  return heading;
}
