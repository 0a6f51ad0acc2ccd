// Style sheets that esbuild takes beside the script.
declare module '*.css';
