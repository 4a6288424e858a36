/** The runtime did something that ends its call: it broke the rules of a host function, or panicked. */
export class GuestTrap extends Error {}

/** The call went over a limit of the engine. */
export class LimitExceeded extends Error {
  constructor(readonly limitBytes: number) {
    super(`more than ${limitBytes} bytes of memory`)
  }
}
