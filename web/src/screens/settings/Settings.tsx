import { useEffect } from "preact/hooks";
import { useMe } from "../../api/me";
import { texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { AvailabilitySection } from "./AvailabilitySection";
import { KeysSection } from "./KeysSection";
import { LanguageSection } from "./LanguageSection";
import { ProfileSection } from "./ProfileSection";
import "./settings.css";

const SECTIONS = ["profile", "language", "availability", "keys"] as const;

/** The settings of the member, in sections that are saved one by one. */
export default function Settings() {
  const me = useMe();
  const { layout, settings } = texts.value;
  const isLoaded = me.data !== undefined;
  useEffect(() => {
    // The address of a section leads to it also when the sections appear after the page.
    if (isLoaded && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [isLoaded]);
  return (
    <div class="settings">
      <h1>{layout.settings}</h1>
      <nav aria-label={settings.sections}>
        {SECTIONS.map((id) => (
          <a key={id} href={`#${id}`}>
            {settings[id].title}
          </a>
        ))}
      </nav>
      <Loaded query={me}>
        {(member) => (
          <>
            <ProfileSection me={member} />
            <LanguageSection />
            <AvailabilitySection me={member} />
            <KeysSection />
          </>
        )}
      </Loaded>
    </div>
  );
}
