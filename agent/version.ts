/** The version of this agent; a test keeps it equal to package.json, which a bundled program cannot read. */
export const VERSION = '0.1.0'
