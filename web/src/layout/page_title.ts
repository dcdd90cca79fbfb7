import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Name the page after the heading of its content, which can come or change after the screen. */
export function usePageTitle(content: RefObject<HTMLElement>, product: string, isMember: boolean): void {
  useEffect(() => {
    const { current } = content;
    if (!current || !isMember) {
      document.title = product;
      return;
    }
    const show = () => {
      const title = titleOf(headingText(current), product);
      if (document.title !== title) document.title = title;
    };
    show();
    const observer = new MutationObserver(show);
    observer.observe(current, { childList: true, characterData: true, subtree: true });
    return () => observer.disconnect();
  }, [product, isMember]);
}

/** Return the title of a page, without the marks of direction that a heading can have. */
export function titleOf(heading: string, product: string): string {
  const plain = heading.replace(/[\u2066-\u2069]/g, "").trim();
  return plain ? `${plain} · ${product}` : product;
}

function headingText(content: HTMLElement): string {
  const parts = [...(content.querySelector("h1")?.childNodes ?? [])];
  // The picture of a person is not part of the name.
  const read = parts.filter((part) => !(part instanceof Element && part.getAttribute("aria-hidden") === "true"));
  return read.map(({ textContent }) => textContent).join("");
}
