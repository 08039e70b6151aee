/** What the build puts in. */

/** Version of the library. */
declare const LIBRARY_VERSION: string;

/** Whether the page has a service worker. */
declare const KEEPS_FILES: boolean;

declare module 'virtual:sample' {
  /** JSON lines of mails with labels, packed by gzip, in base64. */
  const packed: string;
  export default packed;
}

/** A worker's script, built; its address. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}

declare module '*.css' {}
