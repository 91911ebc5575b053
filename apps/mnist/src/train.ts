console.log("Nothing is here yet.");
export {};
