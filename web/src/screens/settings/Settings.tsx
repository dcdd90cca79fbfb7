import { useEffect } from "preact/hooks";
import { useMe } from "../../api/me";
import { texts } from "../../i18n/language";
import { Loaded } from "../../parts/Loaded";
import { AccessSection } from "./AccessSection";
import { AccountSection } from "./AccountSection";
import { AvailabilitySection } from "./AvailabilitySection";
import { FeedsSection } from "./FeedsSection";
import { KeysSection } from "./KeysSection";
import { LanguageSection } from "./LanguageSection";
import { NoticesSection } from "./NoticesSection";
import { ProfileSection } from "./ProfileSection";
import { WebhooksSection } from "./WebhooksSection";
import "./settings.css";

const SECTIONS = [
  "profile",
  "language",
  "availability",
  "notices",
  "feeds",
  "webhooks",
  "keys",
  "access",
  "account",
] as const;

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
            <NoticesSection />
            <FeedsSection />
            <WebhooksSection />
            <KeysSection />
            <AccessSection />
            <AccountSection me={member} />
          </>
        )}
      </Loaded>
    </div>
  );
}
