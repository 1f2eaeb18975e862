// Style sheets, which Vite collects from their imports.
declare module "*.css" {}
