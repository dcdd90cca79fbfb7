import type { ComponentChildren } from "preact";

interface SectionProps {
  /** The anchor of the section. */
  id: string;
  title: string;
  children: ComponentChildren;
}

/** A section of the settings with its heading and its anchor. */
export function Section({ id, title, children }: SectionProps) {
  return (
    <section id={id} class="settings-section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** Put the focus on the heading of a section, after an entry with the focus has left its list. */
export function focusSection(id: string): void {
  document.getElementById(`${id}-title`)?.focus();
}
