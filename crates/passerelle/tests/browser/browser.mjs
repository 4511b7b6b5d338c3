// A real browser that walks by keyboard, with scripts switched off, and looks at every
// page it comes to: a screenshot, an accessibility check, and what the console's own
// policy would not let load.

import { readFileSync, mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const AXE = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export async function open(executablePath, screenshots) {
  mkdirSync(screenshots, { recursive: true });
  const chrome = await chromium.launch({ executablePath, args: FLAGS });
  const visitor = await chrome.newContext({
    javaScriptEnabled: false, ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 },
  });
  // The checker needs scripts, which the pages forbid: it looks at copies of them.
  const inspector = await chrome.newContext({
    ignoreHTTPSErrors: true, bypassCSP: true, viewport: { width: 1280, height: 900 },
  });
  return new Browser(chrome, await visitor.newPage(), await inspector.newPage(), screenshots);
}

class Browser {
  constructor(chrome, page, copy, screenshots) {
    Object.assign(this, { chrome, page, copy, screenshots, shots: 0, findings: [] });
    page.on('console', (m) => {
      if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) this.findings.push(`console: ${m.text()}`);
    });
    page.on('requestfailed', (r) => {
      // Going on to the next page gives up what the last one still loads.
      const why = r.failure()?.errorText ?? '';
      if (why !== 'net::ERR_ABORTED') this.findings.push(`not loaded (${why}): ${r.url()}`);
    });
  }

  close() { return this.chrome.close(); }

  async go(url) {
    const response = await this.page.goto(url);
    return response;
  }

  // Presses Tab until what has the focus reads so; fails after a whole round.
  async tabTo(pattern) {
    for (let i = 0; i < 400; i++) {
      await this.page.keyboard.press('Tab');
      const focus = this.page.locator(':is(a, button, input, textarea, summary):focus');
      if (await focus.count() === 0) continue;
      if (pattern.test(await spoken(focus))) return focus;
    }
    throw new Error(`no way to ${pattern} by keyboard on ${this.page.url()}`);
  }

  // Follows a link, or presses a button, by keyboard.
  async follow(pattern) {
    await this.tabTo(pattern);
    await Promise.all([this.page.waitForEvent('domcontentloaded'), this.page.keyboard.press('Enter')]);
    await this.page.waitForLoadState('load');
  }

  async type(pattern, text) {
    await this.tabTo(pattern);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async choose(pattern) {
    // Radio buttons share one stop of the Tab key; arrows go between them.
    for (let i = 0; i < 400; i++) {
      await this.page.keyboard.press('Tab');
      const focus = this.page.locator(':focus');
      if (await focus.count() === 0 || await focus.getAttribute('type') !== 'radio') continue;
      for (let j = 0; j < 10; j++) {
        const now = this.page.locator(':focus');
        if (pattern.test(await spoken(now))) return this.page.keyboard.press('Space');
        await this.page.keyboard.press('ArrowDown');
      }
    }
    throw new Error(`no way to ${pattern} by keyboard on ${this.page.url()}`);
  }

  html() { return this.page.content(); }

  // Looks at the page as it is: heading, screenshot, accessibility.
  async look(name, heading) {
    const found = await this.page.locator('h1').allInnerTexts();
    if (found.length !== 1 || !heading.test(found[0])) {
      throw new Error(`${name}: the heading is ${JSON.stringify(found)}, not ${heading}`);
    }
    const number = String(++this.shots).padStart(2, '0');
    const path = `${this.screenshots}/${number}-${name}.png`;
    await this.page.screenshot({ path, fullPage: true });
    await this.inspect(name);
  }

  async inspect(name) {
    const url = this.page.url();
    const body = await this.html();
    const style = await this.page.context().request.get(new URL('/console.css', url).href);
    await this.copy.route('**/*', async (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path === '/console.css') return route.fulfill({ body: await style.text(), contentType: 'text/css' });
      if (path.endsWith('.svg')) return route.fulfill({ body: '<svg xmlns="http://www.w3.org/2000/svg"/>', contentType: 'image/svg+xml' });
      return route.fulfill({ body, contentType: 'text/html; charset=utf-8' });
    });
    await this.copy.goto(url);
    await this.copy.evaluate(AXE);
    const { violations } = await this.copy.evaluate((tags) => axe.run({ runOnly: tags }), RULES);
    for (const v of violations) {
      this.findings.push(`${name}: ${v.id} (${v.impact}): ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`);
    }
    // On a telephone nothing may stick out at the side.
    await this.copy.setViewportSize({ width: 375, height: 800 });
    const [wide, seen] = await this.copy.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    if (wide > seen) this.findings.push(`${name}: ${wide - seen} pixels stick out on a narrow screen`);
    await this.copy.setViewportSize({ width: 1280, height: 900 });
    await this.copy.unroute('**/*');
  }

  async narrow(name) {
    await this.page.setViewportSize({ width: 375, height: 800 });
    await this.page.screenshot({ path: `${this.screenshots}/${name}.png`, fullPage: true });
    await this.page.setViewportSize({ width: 1280, height: 900 });
  }
}

// What a screen reader would say of a control: its label, or its text.
async function spoken(control) {
  const id = await control.getAttribute('id');
  const label = id ? control.page().locator(`label[for="${id}"]`) : null;
  if (label && await label.count() > 0) return (await label.first().innerText()).trim();
  return (await control.innerText()).replace(/\s+/g, ' ').trim();
}
