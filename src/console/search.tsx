import { parseMac } from '../kernel/address.ts';
import { goTo } from './place.ts';
import { searchField } from './shortcuts.ts';
import { typedFilter } from './subscriber-query.ts';

/** A MAC address in any usual writing opens its subscriber; anything else becomes the filter of the list. */
export function Search() {
  const find = (event: Event) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('what') as HTMLInputElement;
    const what = field.value.trim();
    if (what === '') return;
    if (parseMac(what) === undefined) goTo('subscribers', typedFilter(what));
    else goTo('subscriber', { mac: what });
    field.value = '';
    field.blur();
  };
  return (
    <search>
      <form class="search" onSubmit={find}>
        <input
          id={searchField}
          name="what"
          aria-label="Search: a MAC address or a filter"
          placeholder="MAC or filter  ( / )"
          autocomplete="off"
          spellcheck={false}
        />
      </form>
    </search>
  );
}
