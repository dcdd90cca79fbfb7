import { useApp } from "../app_context";
import { texts } from "../i18n/language";
import "./footer.css";

/** The operator's imprint and privacy policy, as far as the deployment names them. */
export function Footer() {
  const { imprintUrl, privacyUrl } = useApp().config;
  const { layout } = texts.value;
  if (!imprintUrl && !privacyUrl) return null;
  return (
    <footer class="operator">
      {imprintUrl && <a href={imprintUrl}>{layout.imprint}</a>}
      {privacyUrl && <a href={privacyUrl}>{layout.privacy}</a>}
    </footer>
  );
}
