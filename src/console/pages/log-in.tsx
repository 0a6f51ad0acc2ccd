import { useState } from 'preact/hooks';
import { logIn, logInByToken } from '../api.ts';
import { OtherChassis } from '../other-chassis.tsx';

/** Name and password for a session in a cookie; or a token, which is forgotten with the page. */
export function LogInPage() {
  const [way, setWay] = useState<'password' | 'token'>('password');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(fields.get(name) ?? '');
    setBusy(true);
    setProblem(await (way === 'password' ? logIn(text('name'), text('password')) : logInByToken(text('token').trim())));
    setBusy(false);
  };
  return (
    <main class="alone">
      <h1>SaMOG gateway</h1>
      <OtherChassis />
      <form onSubmit={submit}>
        {way === 'password' ? (
          <>
            <label>
              Name
              <input name="name" autocomplete="username" required autofocus />
            </label>
            <label>
              Password
              <input name="password" type="password" autocomplete="current-password" required />
            </label>
          </>
        ) : (
          <label>
            Token
            <input name="token" type="password" autocomplete="off" required autofocus />
          </label>
        )}
        {problem !== undefined && (
          <p class="note critical" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="button" class="quiet" onClick={() => setWay(way === 'password' ? 'token' : 'password')}>
            {way === 'password' ? 'Use a token' : 'Use a password'}
          </button>
          <button type="submit" class="main" disabled={busy}>
            {busy ? 'Asking …' : 'Log in'}
          </button>
        </div>
      </form>
      <p class="quiet">
        Users are made with <code>samog user add</code>, and given a password with <code>samog user password</code>.
      </p>
    </main>
  );
}
