/** A step of the page: a heading, and what belongs to it. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { fault, type Place } from '../state.ts';

interface CardProps {
  readonly title: string;
  readonly step?: number;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly id?: string;
}

export function Card({ title, step, aside, children, id }: CardProps) {
  const heading = useId();
  return (
    <section class="card" id={id} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>
          {step !== undefined && (
            <span class="step" aria-hidden="true">
              {step}
            </span>
          )}
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What went wrong at this place. */
export function Fault({ place }: { readonly place: Place }) {
  const found = fault.value;
  if (found?.place !== place) return null;
  return (
    <p class="fault" role="alert">
      {found.message}
    </p>
  );
}

/** A share as a bar, beside a figure that says the same. */
export function Bar({ share }: { readonly share: number }) {
  return (
    <span class="meter" aria-hidden="true">
      <span style={{ width: `${100 * share}%` }} />
    </span>
  );
}
