// Moved: use ./config.ts (SamogConfig, MrmeServiceConfig, RadiusConfig …). This file goes.
export {};
