// What popular drivers need in order to go through a connection: small functions, each for one driver, none of which
// loads that driver.

export {}
