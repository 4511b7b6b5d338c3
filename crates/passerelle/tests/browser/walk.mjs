// Walks the consoles of two nodes that exchange: each page, a hit upheld by two
// officers, and what reaches the partner. What it is told comes as JSON on standard
// input; what it found goes to standard output as JSON; it ends with 1 when a page was
// not as it should be.

import { readFileSync } from 'node:fs';
import { open } from './browser.mjs';

const told = JSON.parse(readFileSync(0, 'utf8'));
const browser = await open(told.chromium, told.screenshots);
const { page } = browser;

function check(truth, what) {
  if (!truth) throw new Error(`${what} (${page.url()})`);
}

async function signIn(base, officer, password = told.password) {
  await browser.type(/^User name$/, officer);
  await browser.type(/^Password$/, password);
  await browser.follow(/^Sign in$/);
}

async function signOut() {
  await browser.follow(/^Sign out$/);
  check(/You have signed out/.test(await browser.html()), 'signing out says so');
}

// Reloads until the page says so: screening and the courier work by themselves.
async function until(url, pattern, what) {
  for (let i = 0; i < 120; i++) {
    await browser.go(url);
    if (pattern.test(await browser.html())) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${what} did not come`);
}

function checkHeaders(response) {
  const headers = response.headers();
  const policy = headers['content-security-policy'] ?? '';
  for (const part of ["default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"]) {
    check(policy.includes(part), `the policy has no ${part}`);
  }
  check(headers['cache-control'] === 'no-store', 'pages are not to be kept');
  check(headers['x-content-type-options'] === 'nosniff', 'types are not to be guessed');
}

async function firstNode(base) {
  checkHeaders(await browser.go(base));
  check(page.url().includes('/sign-in'), 'nobody sees a page before signing in');
  await browser.look('sign-in', /^Sign in$/);
  await signIn(base, 'first', 'not the password');
  await browser.look('sign-in-refused', /^Sign in$/);
  await signIn(base, 'first');
  const [cookie] = await page.context().cookies(base);
  check(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Strict', 'the cookie is guarded');

  await until(`${base}/hits`, new RegExp(told.listed), 'the hit');
  await browser.go(base);
  await browser.look('today', /\d{4}$/);
  await page.keyboard.press('Tab');
  check(/Skip to main/.test(await page.locator(':focus').innerText()), 'the first stop skips the navigation');

  await browser.follow(/^Flights$/);
  await browser.look('flights-none', /^Flights departing today/);
  await browser.follow(/Day after/);
  await browser.look('flights', /^Flights departing on/);
  await browser.narrow('flights-narrow');
  await theFlight();
  await theHit(base);
  await otherPages();
  await browser.go(`${base}/nowhere`);
  await browser.look('nowhere', /nothing here/);
  await browser.go(`${base}/node`);
  await browser.look('forbidden', /role does not allow/);
  await browser.go(base);
  await signOut();
  await browser.look('signed-out', /^Sign in$/);
}

async function theFlight() {
  const route = page.locator('tbody tr', { hasText: told.hitRoute[0] }).filter({ hasText: told.hitRoute[1] });
  await browser.go(new URL(await route.locator('a').first().getAttribute('href'), page.url()).href);
  await browser.look('flight', /TK1980/);
  const html = await browser.html();
  check(html.includes(told.listed), 'somebody with a hit is named');
  for (const name of told.unremarkable) check(!html.includes(name), 'somebody without a hit is named');
  await browser.follow(/Open record of traveller 1$/);
  await browser.look('purpose', /^Open the record/);
  check(!told.unremarkable.some((n) => html.includes(n)), 'the form names somebody');
  await browser.follow(/^Open the record$/);
  await browser.look('purpose-missing', /^Open the record/);
  await browser.choose(/^Serious crime$/);
  await browser.type(/^Why you need/, 'File 118: who booked the neighbouring seat');
  await browser.follow(/^Open the record$/);
  await browser.look('record', new RegExp(told.unremarkable[0]));
}

async function theHit(base) {
  await browser.follow(/^Hits$/);
  await browser.look('hits', /^Hits$/);
  const hit = page.locator('tbody tr', { hasText: told.listed }).filter({ hasText: told.hitRoute.join('–') });
  const address = new URL(await hit.locator('a.strong').getAttribute('href'), page.url()).href;
  await browser.go(address);
  await browser.look('hit', new RegExp(told.listed));
  await browser.narrow('hit-narrow');
  await browser.follow(/^Record decision$/);
  await browser.look('hit-unanswered', new RegExp(told.listed));
  await uphold('Name and date of birth agree; the passport is to be looked at.');
  await browser.look('hit-first-officer', new RegExp(told.listed));
  check(/second officer has to uphold/.test(await browser.html()), 'a strong hit needs a second officer');
  check(await page.locator('textarea').count() === 0, 'the first officer is not asked again');

  await browser.go(base);
  await signOut();
  await signIn(base, 'second');
  await browser.follow(/^Hits$/);
  await browser.follow(/^Needs second officer/);
  await browser.look('hits-second', /^Hits$/);
  await browser.go(address);
  await uphold('Seen by me as well; same person.');
  check(/The hit is upheld/.test(await browser.html()), 'two officers uphold a hit');
  await until(address, /receipted/, 'the receipt of the partner');
  await browser.look('hit-upheld', new RegExp(told.listed));

  await until(`${base}/hits`, /from Türkiye/, "a hit on a partner's list");
  const partners = page.locator('tbody tr', { hasText: 'from Türkiye' }).locator('a.strong').first();
  await browser.go(new URL(await partners.getAttribute('href'), page.url()).href);
  await browser.look('hit-on-partners-list', /./);
  await browser.choose(/^Dismiss/);
  await browser.type(/^Reason$/, 'Another person: the list has another date of birth.');
  await browser.follow(/^Record decision$/);
  await browser.look('hit-dismissed', /./);

  await browser.go(base);
  await signOut();
  await signIn(base, 'first');
}

async function uphold(reason) {
  await browser.choose(/^Uphold/);
  await browser.type(/^Reason$/, reason);
  await browser.follow(/^Record decision$/);
}

async function otherPages() {
  await browser.follow(/^From partners$/);
  await browser.look('received-none', /^From partners$/);
  await browser.follow(/^Partners$/);
  await browser.look('partners', /^Partners and streams$/);
  await browser.follow(/^Map of the exchange$/);
  await browser.look('map', /^Who exchanges what with whom$/);
  check(/whole lists and upheld hits/.test(await browser.html()), 'the map says what goes');
  await browser.follow(/^Statistics$/);
  await browser.look('statistics', /^Statistics$/);
  await browser.follow(/^Agreements$/);
  await browser.look('agreements', /^Agreements$/);
  await browser.follow(/United Kingdom - Turkey/);
  await browser.look('agreement', /United Kingdom/);
  check(/In force/.test(await browser.html()), 'the agreement is in force');
  await browser.follow(/^Watchlists$/);
  await browser.look('watchlists', /^Watchlists$/);
  await browser.follow(/^Log$/);
  await browser.look('log', /^Log$/);
  const log = await browser.html();
  check(/record opened/.test(log) && /purpose <code[^>]*>serious_crime/.test(log), 'opening a record is in the log');
  check(!log.includes(told.listed) && !told.unremarkable.some((n) => log.includes(n)), 'the log names somebody');
  await browser.follow(/^Recompute the whole log$/);
  await browser.look('log-verified', /^Log$/);
  check(/None is missing or changed/.test(await browser.html()), 'the log is whole');
}

async function secondNode(base) {
  await browser.go(base);
  await signIn(base, 'first');
  await until(`${base}/received`, /Open<span/, 'the hit that was disclosed');
  await browser.look('received', /^From partners$/);
  await browser.follow(/^Open/);
  await browser.look('received-hit', new RegExp(told.listed));
  const html = await browser.html();
  check(/On what ground/.test(html) && html.includes(told.ground), 'the ground is shown');
  check(!told.unremarkable.some((n) => html.includes(n)), 'only the one traveller came');
  await browser.follow(/^Hits$/);
  await browser.look('hits-of-the-partner', /^Hits$/);
  await browser.go(base);
  await signOut();
  await signIn(base, 'admin');
  await browser.go(`${base}/node`);
  await browser.look('node', /^Node/);
  await meeting();
  await agreements(base);
  await carriers();
  await browser.follow(/^Watchlists$/);
  await browser.follow(/^Thresholds of/);
  await browser.type(/^One officer, from$/, '90');
  await browser.type(/^Two officers, from$/, '99');
  await browser.follow(/^Show what would change$/);
  await browser.look('thresholds', /^Thresholds of/);
  check(/would vanish/.test(await browser.html()), 'it is shown what would vanish');
  check(!/Set 90 and 99/.test(await browser.html()), 'an administrator sets none');
}

// The partner's offer once more: nothing new, and asked about all the same.
async function meeting() {
  await browser.follow(/^Partners$/);
  await browser.follow(/^Meet a partner$/);
  await browser.look('meet', /^Meet a partner$/);
  await page.locator('input[type=file]').setInputFiles(told.offer);
  await browser.follow(/^Show its fingerprint$/);
  await browser.look('compare-offer', /^Compare by telephone$/);
  check((await browser.html()).includes(told.fingerprint), 'the fingerprint is that of the command line');
  await browser.follow(/^Go on$/);
  await browser.look('compare-unanswered', /^Compare by telephone$/);
  await browser.choose(/^Yes, all of it/);
  await browser.follow(/^Go on$/);
  await browser.look('partner', /^United Kingdom/);
  check(/is a partner/.test(await browser.html()), 'the partner is known');
}

async function agreements(base) {
  await browser.follow(/^Agreements$/);
  await browser.look('agreements-of-administrator', /^Agreements$/);
  await browser.follow(/^United Kingdom - Turkey/);
  const address = page.url();
  await browser.follow(/^What would leave$/);
  await browser.look('agreement-check', /^What would leave$/);
  await browser.go(address);
  await browser.type(/^Reason$/, 'Their node was broken into.');
  await browser.follow(/^Suspend$/);
  await browser.look('agreement-suspended', /./);
  check(/Suspended\. Nothing more leaves/.test(await browser.html()), 'it is suspended');
  await browser.type(/^Reason$/, 'They have new keys, compared by telephone.');
  await browser.follow(/^Resume$/);
  check(/“Their node was broken into\.”/.test(await browser.html()), 'the reason stays');
  await browser.go(`${base}/agreements/new?with=GBR`);
  await browser.look('agreement-new', /^A new agreement$/);
  await browser.follow(/^Make the draft$/);
  await browser.look('agreement-draft', /^Draft of an agreement$/);
  check(/Narrower/.test(await browser.html()), 'the draft is compared with what stands');
}

async function carriers() {
  await browser.follow(/^Carriers$/);
  await browser.look('carriers', /^Carriers$/);
  await browser.follow(/^Messages with faults$/);
  await browser.look('submissions', /^Messages with faults$/);
  await browser.follow(/^See its faults/);
  await browser.look('submission', /^A message of TK$/);
  const html = await browser.html();
  check(/P-COUNT/.test(html) && !told.unremarkable.some((n) => html.includes(n)), 'faults name nobody');
}

let failure = null;
try {
  await firstNode(told.nodes[0]);
  await secondNode(told.nodes[1]);
} catch (e) {
  failure = String(e.stack ?? e);
  await page.screenshot({ path: `${told.screenshots}/failed.png`, fullPage: true });
}
await browser.close();
console.log(JSON.stringify({ pages: browser.shots, findings: browser.findings, failure }, null, 1));
process.exit(failure || browser.findings.length > 0 ? 1 : 0);
