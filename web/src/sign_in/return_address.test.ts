import { describe, expect, test } from "vitest";
import { isResponse, pathWithin, pathWithoutCredentials } from "./return_address";

const ORIGIN = "https://app.example";

describe("pathWithin", () => {
  test.each(["/", "/sessions?past=1#top", "/people/a%2Fb"])("%s is a page of the origin", (path) => {
    expect(pathWithin(path, ORIGIN)).toBe(path);
  });

  test.each([
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/.//evil.example",
    "/..//evil.example",
    "",
    "sessions",
    "http://[",
  ])("%j leads nowhere else", (path) => {
    expect(pathWithin(path, ORIGIN)).toBe("/");
  });
});

describe("pathWithoutCredentials", () => {
  test.each([
    ["/", "/"],
    ["/sessions?week=2#top", "/sessions?week=2#top"],
    ["/sign-in?code=c&state=s", "/"],
    ["/sessions?code=c&state=s&week=2", "/sessions?week=2"],
    ["/#access_token=t&state=s", "/"],
    ["/people?week=2#id_token=t", "/people?week=2"],
    ["/#token=t", "/"],
    ["//evil.example/", "/"],
  ])("%s becomes %s", (address, path) => {
    expect(pathWithoutCredentials(new URL(ORIGIN + address))).toBe(path);
  });
});

test("only the path of the return with a parameter of a provider is a response", () => {
  const addresses = ["/sign-in?code=c&state=s", "/sign-in?error=x", "/sign-in", "/?code=c&state=s", "/sign-in#code=c"];
  expect(addresses.map((address) => isResponse(new URL(ORIGIN + address)))).toEqual([true, true, false, false, false]);
});
