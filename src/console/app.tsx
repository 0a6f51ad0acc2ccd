import { useEffect } from 'preact/hooks';
import { logOut, principal } from './api.ts';
import { Help } from './help.tsx';
import { OtherChassis } from './other-chassis.tsx';
import { AccessPage } from './pages/access.tsx';
import { ConfigurationPage } from './pages/configuration.tsx';
import { EventsPage } from './pages/events.tsx';
import { LogInPage } from './pages/log-in.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { RedundancyPage } from './pages/redundancy.tsx';
import { SubscriberPage } from './pages/subscriber.tsx';
import { SubscribersPage } from './pages/subscribers.tsx';
import { hashOf, type PageName, pages, place } from './place.ts';
import { Search } from './search.tsx';
import { listenToKeys } from './shortcuts.ts';
import { TopBar } from './top-bar.tsx';

const bodies: Readonly<Record<PageName, () => preact.JSX.Element>> = {
  overview: OverviewPage,
  subscribers: SubscribersPage,
  subscriber: SubscriberPage,
  access: AccessPage,
  redundancy: RedundancyPage,
  configuration: ConfigurationPage,
  events: EventsPage,
};

/** What is shown: a page that waits until it is known who is logged in, the log-in page for nobody, or the console. */
export function App() {
  if (principal.value === undefined) return <WaitingPage />;
  return principal.value === null ? <LogInPage /> : <Console />;
}

function WaitingPage() {
  return (
    <main class="alone">
      <h1>SaMOG gateway</h1>
      <OtherChassis />
      <p>Asking the gateway …</p>
    </main>
  );
}

function Console() {
  const { page } = place.value;
  const Body = bodies[page];
  const { title } = pages.find(({ name }) => name === page)!;
  useEffect(listenToKeys, []);
  useEffect(() => {
    document.title = `${title} · SaMOG gateway`;
  }, [title]);
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to the page
      </button>
      <TopBar />
      <nav aria-label="Pages">
        <ul>
          {pages.map(({ name, title: text }) => (
            <li key={name}>
              <a href={hashOf({ page: name, query: {} })} aria-current={name === page ? 'page' : undefined}>
                {text}
              </a>
            </li>
          ))}
        </ul>
        <Search />
      </nav>
      <OtherChassis />
      <main id="main" tabIndex={-1}>
        <h1>{title}</h1>
        <Body key={page} />
      </main>
      <footer>
        <span>
          {principal.value?.name} ({principal.value?.roles.join(', ')})
        </span>
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
        <a href="/reference">API</a>
      </footer>
      <Help />
    </>
  );
}

/** No link, for the address is that of the page. */
function skipToMain(): void {
  document.getElementById('main')?.focus();
}
